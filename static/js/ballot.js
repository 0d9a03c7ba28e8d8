// Comforts on a ballot: a sum while choosing, looking among many options, buttons that put options in order.
// Without this file the same ballot works: the server adds up, searches and checks the places.
(() => {
  "use strict";

  const PAUSE = 800; // what is read aloud waits until somebody has stopped for a moment
  const MANY = 6; // with more options the sum stays in sight

  const fill = (pattern, words) => pattern.replace(/%\((\w+)\)s|\{(\w+)\}/g, (all, one, other) => words[one || other] ?? all);
  const optionsOf = (question) => [...question.querySelectorAll(".pm-option")];
  const labelOf = (option) => option.querySelector("label").textContent.trim();

  // A line that screen readers hear when it changes; it is empty again before anybody can read it twice.
  const newVoice = (question) => {
    const line = document.createElement("p");
    line.className = "pm-visually-hidden";
    line.setAttribute("role", "status");
    question.append(line);
    let timer = 0;
    return (text, pause = 0) => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        line.textContent = text;
        timer = window.setTimeout(() => { line.textContent = ""; }, 10000);
      }, pause);
    };
  };

  // --- The sum -----------------------------------------------------------------------------------------------

  const amountOf = (option) => {
    const control = option.querySelector("input");
    if (option.dataset.weight) return control.checked ? Number(option.dataset.weight) : 0;
    return /^\s*\d+\s*$/.test(control.value) ? Number(control.value) : 0;
  };

  const money = (pattern) => (cents) => {
    const places = cents % 100 ? 2 : 0;
    const limits = { minimumFractionDigits: places, maximumFractionDigits: places };
    return pattern.replace("%s", new Intl.NumberFormat(document.documentElement.lang, limits).format(cents / 100));
  };

  const lineOf = (tally, total) => {
    const maximum = Number(tally.dataset.maximum);
    const shown = tally.dataset.money ? money(tally.dataset.money) : String;
    const amounts = { total, maximum, left: maximum - total, over: total - maximum };
    const words = Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, shown(amount)]));
    return fill(total > maximum ? tally.dataset.over : tally.dataset.within, words);
  };

  const addUp = (question, tally, say) => {
    const text = tally.querySelector(".pm-tally__text");
    const show = () => {
      const total = optionsOf(question).reduce((sum, option) => sum + amountOf(option), 0);
      text.textContent = lineOf(tally, total);
      tally.classList.toggle("pm-tally--over", total > Number(tally.dataset.maximum));
      return text.textContent;
    };
    question.addEventListener("input", (event) => {
      if (event.target.closest(".pm-option")) say(show(), PAUSE);
    });
    tally.hidden = false;
    tally.classList.add("pm-tally--live");
    tally.classList.toggle("pm-tally--sticky", optionsOf(question).length > MANY);
    show();
  };

  // --- Looking among many options ------------------------------------------------------------------------------

  const isFilledIn = (option) => {
    const control = option.querySelector("input, select");
    return control.type === "checkbox" || control.type === "radio" ? control.checked : control.value !== "";
  };

  const search = (question, find, say) => {
    const field = find.querySelector(".pm-find__input");
    const button = find.querySelector(".pm-find__button");
    const found = find.querySelector(".pm-find__found") || find.appendChild(document.createElement("p"));
    const show = (pause) => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      const options = optionsOf(question).filter((option) => option.querySelector(".pm-option__details"));
      const matches = (option) => words.every((word) => option.textContent.toLowerCase().includes(word));
      options.forEach((option) => { option.hidden = !matches(option) && !isFilledIn(option); });
      const left = options.filter((option) => !option.hidden).length;
      found.textContent = words.length ? fill(find.dataset.found, { found: left, all: options.length }) : "";
      say(found.textContent, pause);
    };
    found.className = "utrecht-paragraph pm-find__found";
    field.addEventListener("input", () => show(PAUSE));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      show(0);
    });
    // No submit button any more: Enter elsewhere on the ballot goes to the check page.
    button.type = "button";
    button.addEventListener("click", () => show(0));
  };

  // --- Putting in order ------------------------------------------------------------------------------------------

  const placeOf = (option) => Number(option.querySelector("select").value) || Infinity;

  // The options with a place, in order: of two at one place the one that stands higher comes first.
  const ranked = (question) => optionsOf(question)
    .filter((option) => placeOf(option) < Infinity)
    .sort((one, other) => placeOf(one) - placeOf(other));

  const writePlaces = (question, order) => {
    order.forEach((option, place) => { option.querySelector("select").value = String(place + 1); });
    // Those without a place stay below, as they stood.
    const rest = optionsOf(question).filter((option) => !order.includes(option));
    question.querySelector(".pm-rows").append(...order, ...rest);
  };

  const orderInWords = (order, words) => {
    if (order.length < 2 || order.length > 7) return "";
    return ` ${words.order} ${order.map((option, place) => `${place + 1} ${labelOf(option)}`).join(", ")}.`;
  };

  // Up: a place higher, or for who has none the first free place. Down: a place lower.
  const move = (question, option, step, words) => {
    const order = ranked(question);
    const from = order.indexOf(option);
    const to = from < 0 ? order.length : from + step;
    const name = { option: labelOf(option) };
    if (from < 0 && step > 0) return fill(words.none, name);
    if (to < 0) return fill(words.first, name);
    if (from >= 0 && to >= order.length) return fill(words.last, name);
    if (from >= 0) order.splice(from, 1);
    order.splice(to, 0, option);
    writePlaces(question, order);
    return fill(words.moved, { ...name, place: to + 1 }) + orderInWords(order, words);
  };

  const addButton = (question, option, step, words, say) => {
    const button = document.createElement("button");
    const name = document.createElement("span");
    button.type = "button";
    button.className = `utrecht-button utrecht-button--secondary-action pm-move pm-move--${step < 0 ? "up" : "down"}`;
    name.className = "pm-visually-hidden";
    name.textContent = `${step < 0 ? words.up : words.down}: ${labelOf(option)}`;
    button.append(name);
    button.addEventListener("click", () => {
      say(move(question, option, step, words));
      button.focus(); // moving the option in the page took the focus away
    });
    option.querySelector(".pm-number-row").append(button);
  };

  const putInOrder = (question, words, say) => {
    optionsOf(question).forEach((option) => [-1, 1].forEach((step) => addButton(question, option, step, words, say)));
  };

  document.querySelectorAll(".pm-question").forEach((question) => {
    const part = (name) => question.querySelector(name);
    const say = newVoice(question);
    if (part(".pm-find")) search(question, part(".pm-find"), say);
    if (part(".pm-tally")) addUp(question, part(".pm-tally"), say);
    if (part(".pm-moves")) putInOrder(question, part(".pm-moves").dataset, say);
  });
})();
