// Checks on the page as it stands; each finding begins with the name of its check. TRUST.md says what is asked.
() => {
  const found = [];
  const say = (check, element, words = "") =>
    found.push(`${check}: ${words} ${element ? element.outerHTML.replace(/\s+/g, " ").slice(0, 140) : ""}`);
  const main = document.querySelector("main") || document.body;
  const all = (selector, within = main) => [...within.querySelectorAll(selector)];
  const isHiddenWell = (element) => element.closest(".pm-visually-hidden") !== null;
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 0;
  const textOf = (element) => (element ? element.textContent.trim().replace(/\s+/g, " ") : "");
  const CONTROLS = "input:not([type=hidden]), select, textarea";
  const controls = all(CONTROLS).filter(isSeen);
  const isChoice = (control) => ["checkbox", "radio"].includes(control.type);

  // The language of the page is that of its address (WCAG 3.1.1).
  const language = location.pathname.startsWith("/en/") ? "en" : "nl";
  if (document.documentElement.lang !== language) say("language", null, document.documentElement.lang);

  // The title says that something is wrong, and only then (WCAG technique G199).
  const summary = main.querySelector(".pm-error-summary");
  const wrong = all("[aria-invalid=true]");
  const says = { nl: "Fout: ", en: "Error: " }[language];
  if (document.title.startsWith(says) !== (summary !== null || wrong.length > 0)) say("title", null, document.title);

  // Errors: a summary that has the focus, each line leads to its control, each wrong control is named there (WCAG 3.3.1).
  if ((wrong.length || all(".pm-field__error").length) && !summary) say("summary", wrong[0]);
  if (summary && !summary.contains(document.activeElement)) say("summary-focus", document.activeElement);
  const describes = (control, line) => [control, control.closest("fieldset")].some((one) =>
    (one?.getAttribute("aria-describedby") || "").split(" ").some((id) => textOf(document.getElementById(id)).includes(line)));
  const named = new Set();
  if (summary) all("li", summary).forEach((line) => {
    const target = document.getElementById(decodeURIComponent(line.querySelector("a")?.hash.slice(1) || ""));
    if (!target || !target.matches(CONTROLS) || !isSeen(target)) return say("error-link", line);
    named.add(target.name);
    if (target.getAttribute("aria-invalid") !== "true") say("error-mark", target);
    if (!describes(target, textOf(line))) say("error-words", target, textOf(line));
  });
  if (summary) wrong.filter((control) => !named.has(control.name)).forEach((control) => say("error-link", control));

  // Nothing sticks out of the screen (WCAG 1.4.10).
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) say("reflow", null, `scrolls sideways by ${root.scrollWidth - root.clientWidth} px`);
  all("*").filter((element) => isSeen(element) && !isHiddenWell(element) && !element.closest("[tabindex='0'], svg"))
    .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1).forEach((element) => say("reflow", element));

  // Controls of the browser itself, and one for each option.
  const ROLES = ["button", "checkbox", "radio", "switch", "option", "listbox", "slider", "spinbutton", "combobox", "textbox"];
  all(ROLES.map((role) => `[role=${role}]`).join(", ")).forEach((element) => say("native", element));
  all("[draggable=true], [contenteditable], [onclick]").forEach((element) => say("native", element));
  all(".pm-question .pm-option").filter((option) => !option.querySelector(CONTROLS)).forEach((option) => say("native", option));
  all("[data-form=ranking] .pm-option, [data-form=score] .pm-option").filter((option) => !option.querySelector("select"))
    .forEach((option) => say("native", option));

  // Forms send and links lead without a script.
  all("form").forEach((form) => {
    const sends = [...form.elements].some((one) => one.type === "submit" && !one.disabled && isSeen(one));
    if (!sends || form.getAttribute("action")?.startsWith("javascript:")) say("no-script", form);
  });
  all("a").filter((link) => !/^(?!javascript:|#$)./.test(link.getAttribute("href") || "")).forEach((link) => say("no-script", link));

  // Targets: 24 px, but for links in a sentence and where no other target is near (WCAG 2.5.8); 44 px for what one votes with.
  const boxOf = (element) => {
    const boxes = [element, ...(isChoice(element) ? element.labels : [])].map((one) => one.getBoundingClientRect());
    const edge = (name, choose) => choose(...boxes.map((box) => box[name]));
    const [left, right, top, bottom] = [edge("left", Math.min), edge("right", Math.max), edge("top", Math.min), edge("bottom", Math.max)];
    return { left, right, top, bottom, width: right - left, height: bottom - top };
  };
  const isInSentence = (link) => getComputedStyle(link).display === "inline" && textOf(link.parentElement).length > textOf(link).length;
  const isSmall = (element, least) => ["width", "height"].some((side) => boxOf(element)[side] < least - 0.5);
  const targets = all(`a[href], button, summary, ${CONTROLS}`).filter((one) => isSeen(one) && !isHiddenWell(one));
  const boxes = new Map(targets.map((one) => [one, boxOf(one)]));
  const isNear = (one) => {
    const box = boxes.get(one), x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
    const gap = (low, high, at) => Math.max(low - at, at - high, 0);
    return targets.some((other) => other !== one && !other.contains(one) &&
      Math.hypot(gap(boxes.get(other).left, boxes.get(other).right, x), gap(boxes.get(other).top, boxes.get(other).bottom, y)) < 12);
  };
  targets.filter((one) => !(one.matches("a") && isInSentence(one)) && isSmall(one, 24) && isNear(one)).forEach((one) => say("target", one));
  all(".pm-ballots form button, .pm-ballots form select, .pm-ballots form input").filter(isSeen)
    .filter((one) => isSmall(one, 44)).forEach((one) => say("target-of-voting", one));

  // Words that one sees with every control; groups have a legend; no two in one group are called the same (WCAG 3.3.2, 2.4.6).
  const labelOf = (control) => [...(control.labels || [])].filter((label) => isSeen(label) && !isHiddenWell(label)).map(textOf).join(" ");
  controls.filter((control) => !labelOf(control)).forEach((control) => say("label", control));
  const names = new Map();
  controls.forEach((control) => {
    const group = control.closest("fieldset") || control.form;
    const key = labelOf(control);
    if (!names.has(group)) names.set(group, new Set());
    if (key && names.get(group).has(key)) say("label-twice", control);
    names.get(group).add(key);
  });
  all("fieldset").filter((group) => isSeen(group) && !textOf(group.querySelector(":scope > legend"))).forEach((group) => say("legend", group));
  const groups = new Map();
  controls.filter(isChoice).forEach((control) => groups.set(control.name, [...(groups.get(control.name) || []), control]));
  [...groups.values()].filter((group) => group.length > 1 && !group[0].closest("fieldset")).forEach((group) => say("legend", group[0]));

  // What the browser may fill in is said (WCAG 1.3.5); a code of a vote it may not remember.
  const TOKENS = { email: "email", postcode: "postal-code" };
  controls.forEach((control) => {
    const token = TOKENS[control.type] || TOKENS[control.name];
    if (token && !(control.autocomplete || "").split(" ").includes(token)) say("autocomplete", control);
    if (control.name === "code" && control.closest(".pm-ballots") && (control.autocomplete || control.form.autocomplete) !== "off") say("autocomplete", control);
  });

  // No sentence of more than twenty words.
  all("p, li, dd, dt, h1, h2, h3, legend, label, summary").filter((block) => isSeen(block) && !block.querySelector("p, li, dd")).forEach((block) => {
    const long = block.innerText.split(/(?<=[.!?:;])\s+|\n+/).find((sentence) => sentence.split(/\s+/).filter((word) => /[\p{L}\d]/u.test(word)).length > 20);
    if (long) say("long-sentence", null, long);
  });
  return found;
}
