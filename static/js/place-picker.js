// Choosing a place on a map: a click, or the arrow keys and Enter for the middle of the map.
// Fills two hidden fields; without JavaScript the address and the neighbourhood do the work.
(function () {
  'use strict'

  function inside (ring, point) {
    let within = false
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [x, y] = ring[i]
      const [u, v] = ring[j]
      if ((y > point.lat) !== (v > point.lat) && point.lng < (u - x) * (point.lat - y) / (v - y) + x) within = !within
    }
    return within
  }

  function areaAt (areas, point) {
    const found = areas.features.find(({ geometry }) => {
      const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
      return polygons.some(([outer, ...holes]) => inside(outer, point) && !holes.some((hole) => inside(hole, point)))
    })
    return found ? found.properties.name : ''
  }

  class Picker {
    constructor (block) {
      this.block = block
      this.latitude = document.getElementById(block.dataset.latitude)
      this.longitude = document.getElementById(block.dataset.longitude)
      for (const part of ['buttons', 'button', 'clear', 'hint', 'canvas', 'status']) this[part] = block.querySelector(`.pm-map__${part}`)
      this.buttons.hidden = false
      this.clear.hidden = !this.latitude.value
      this.button.addEventListener('click', () => this.open())
      this.clear.addEventListener('click', () => this.remove())
    }

    async open () {
      this.button.disabled = true
      try {
        this.areas = await window.pmMap.fetchJson(this.block.dataset.placePicker)
      } catch (problem) {
        this.status.textContent = this.block.dataset.failed
        return
      }
      this.canvas.hidden = this.hint.hidden = false
      this.button.hidden = true
      this.map = window.pmMap.newMap(this.canvas, this.block)
      window.pmMap.fit(this.map, window.pmMap.drawAreas(this.map, this.areas))
      this.map.on('click', (event) => this.choose(event.latlng))
      this.canvas.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' || event.target !== this.canvas) return
        event.preventDefault()
        this.choose(this.map.getCenter())
      })
      if (this.latitude.value) this.show(window.L.latLng(Number(this.latitude.value), Number(this.longitude.value)))
      this.canvas.focus()
    }

    choose (point) {
      if (!this.show(point)) return
      this.latitude.value = point.lat.toFixed(6)
      this.longitude.value = point.lng.toFixed(6)
    }

    // Looking at a place that was kept does not change it, not even by rounding.
    show (point) {
      const name = areaAt(this.areas, point)
      if (!name) {
        this.status.textContent = this.block.dataset.outside
        return false
      }
      if (this.point) this.point.remove()
      this.point = window.L.circleMarker(point, { radius: 12, weight: 3, className: 'pm-map__point' }).addTo(this.map)
      this.status.textContent = this.block.dataset.chosen + name
      this.clear.hidden = false
      return true
    }

    remove () {
      this.latitude.value = this.longitude.value = ''
      if (this.point) this.point.remove()
      this.status.textContent = ''
      this.clear.hidden = true
      if (!this.button.hidden) this.button.focus()
    }
  }

  if (window.L && window.pmMap) document.querySelectorAll('[data-place-picker]').forEach((block) => new Picker(block))
})()
