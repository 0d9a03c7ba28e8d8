// A map on request, drawn by Leaflet from the site's own boundaries: no tiles, no other host.
// The list beside the map says the same; without JavaScript the button never shows.
(function () {
  'use strict'
  if (window.pmMap) return // a page with two maps loads this once

  const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches

  async function fetchJson (url) {
    const response = await fetch(url, { headers: { Accept: 'application/geo+json, application/json' } })
    if (!response.ok) throw new Error(`${response.status} ${url}`)
    return response.json()
  }

  function newMap (canvas, block) {
    const map = window.L.map(canvas, {
      attributionControl: false, zoomControl: false, zoomSnap: 0.5, fadeAnimation: !calm, zoomAnimation: !calm, markerZoomAnimation: !calm
    })
    window.L.control.zoom({ zoomInTitle: block.dataset.zoomIn || '+', zoomOutTitle: block.dataset.zoomOut || '−' }).addTo(map)
    return map
  }

  function drawAreas (map, areas, options) {
    const drawn = window.L.geoJSON(areas, {
      interactive: false, className: 'pm-map__area', weight: 1.5, ...options
    }).addTo(map)
    map.whenReady(() => nameAreas(map, drawn))
    return drawn
  }

  // Without streets the names are what one finds a place by. A name shows where it fits inside its area.
  function nameAreas (map, drawn) {
    drawn.eachLayer((area) => {
      const name = document.createElement('span')
      name.textContent = area.feature.properties.name || ''
      area.bindTooltip(name, { permanent: true, direction: 'center', className: 'pm-map__name' })
    })
    const showWhatFits = () => drawn.eachLayer((area) => {
      const element = area.getTooltip().getElement()
      const bounds = area.getBounds()
      const width = map.latLngToLayerPoint(bounds.getSouthEast()).x - map.latLngToLayerPoint(bounds.getNorthWest()).x
      if (element) element.classList.toggle('pm-map__name--wide', element.offsetWidth > 0.85 * width)
    })
    map.on('zoomend', showWhatFits)
    showWhatFits()
  }

  function fit (map, ...layers) {
    const bounds = window.L.latLngBounds([])
    for (const layer of layers) if (layer) bounds.extend(layer.getBounds())
    if (bounds.isValid()) {
      map.fitBounds(bounds, { padding: [16, 16], maxZoom: 16, animate: false })
      map.setMaxBounds(bounds.pad(0.5))
    } else {
      map.setView([52.1, 5.3], 7)
    }
  }

  // Texts come from people: they are only ever text, and a link only leads to this site.
  function popup (properties) {
    const box = document.createElement('div')
    const title = properties.title || properties.name || ''
    const own = typeof properties.url === 'string' && /^\/(?!\/)/.test(properties.url)
    const heading = document.createElement(own ? 'a' : 'strong')
    if (own) heading.href = properties.url
    heading.textContent = title
    box.append(heading)
    if (properties.text) {
      const text = document.createElement('p')
      text.textContent = properties.text
      box.append(text)
    }
    return box
  }

  function reachable (layer, title) {
    const element = layer.getElement && layer.getElement()
    if (!element) return
    element.setAttribute('tabindex', '0')
    element.setAttribute('role', 'button')
    element.setAttribute('aria-label', title)
    element.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return
      event.preventDefault()
      event.stopPropagation()
      layer.openPopup()
    })
  }

  function drawContent (map, content) {
    return window.L.geoJSON(content, {
      pointToLayer: (_feature, place) => window.L.circleMarker(place, { radius: 12, weight: 3, className: 'pm-map__point' }),
      style: (feature) => (feature.geometry.type === 'Point' ? {} : { className: 'pm-map__shape', weight: 2 }),
      onEachFeature: (feature, one) => one.bindPopup(() => popup(feature.properties || {}))
    }).addTo(map)
  }

  async function show (block, canvas) {
    const areas = block.dataset.areas
    const [content, background] = await Promise.all([
      fetchJson(block.dataset.map), areas && areas !== block.dataset.map ? fetchJson(areas) : null
    ])
    canvas.hidden = false
    const map = newMap(canvas, block)
    const below = background && drawAreas(map, background)
    const above = drawContent(map, content)
    fit(map, content.features && content.features.length ? above : below)
    // Leaflet makes the elements once the map has a view.
    above.eachLayer((one) => reachable(one, (one.feature.properties || {}).title || (one.feature.properties || {}).name || ''))
    canvas.focus()
  }

  function start (block) {
    const button = block.querySelector('.pm-map__button')
    const canvas = block.querySelector('.pm-map__canvas')
    if (!button || !canvas || !window.L || block.dataset.started) return
    block.dataset.started = 'yes'
    button.hidden = false
    button.addEventListener('click', async () => {
      button.disabled = true
      try {
        await show(block, canvas)
        button.hidden = true
      } catch (problem) {
        const message = document.createElement('p')
        message.setAttribute('role', 'alert')
        message.textContent = block.dataset.failed || ''
        button.replaceWith(message)
      }
    })
  }

  window.pmMap = { fetchJson, newMap, drawAreas, fit }
  const startAll = (within) => within.querySelectorAll('.pm-map[data-map]').forEach(start)
  startAll(document)
  // A list that htmx puts in the place of another brings its own map.
  document.addEventListener('htmx:load', (event) => startAll(event.target))
})()
