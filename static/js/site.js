// Small comforts; every page works without them.
(() => {
  "use strict";

  // Older browsers do not honour autofocus on a heading: an error summary must take focus.
  const summary = document.getElementById("error-summary-heading");
  if (summary && document.activeElement !== summary) summary.focus();

  // One open menu at a time; Escape closes it and gives focus back.
  const menus = document.querySelectorAll("details.pm-menu, details.pm-account");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus.forEach((menu) => {
      if (menu.open && menu.contains(document.activeElement)) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    });
  });

  // A second press on a send button does nothing while the first is under way (the server does not rely on it).
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    window.setTimeout(() => delete form.dataset.sent, 5000);
  });
})();
