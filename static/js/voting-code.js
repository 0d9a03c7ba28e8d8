// The address on a voting card ends in "#" and the code. That part never goes to a server; here it is put in the field.
(() => {
  "use strict";

  const field = document.getElementById("id_code");
  const code = decodeURIComponent(window.location.hash.slice(1));
  if (!field || !/^[0-9A-Za-z-]{12,20}$/.test(code)) return;
  field.value = code;
  // Out of the address bar and the browser's history.
  window.history.replaceState(null, "", window.location.pathname);
})();
