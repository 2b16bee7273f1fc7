"use strict";
// The clinic and the code stand behind "#": no server is sent them. They are shown when they have their form, as text.
(() => {
  const byId = (id) => document.getElementById(id);
  const main = document.querySelector("main");
  const show = () => {
    if (location.hash.length < 2) return;
    const parts = new URLSearchParams(location.hash.slice(1));
    const clinic = (parts.get("clinic") || "").trim();
    const letters = (parts.get("code") || "").toUpperCase().replace(/[^0-9A-Z]/g, "");
    const isCode = letters.length === 12 && [...letters].every((one) => main.dataset.alphabet.includes(one));
    const isWhole = isCode && new RegExp(`^(?:${main.dataset.clinic})$`).test(clinic);
    if (isWhole) {
      byId("clinic").textContent = clinic;
      byId("code").textContent = letters.match(/.{4}/g).join("-");
    }
    byId("given").hidden = !isWhole;
    byId("mangled").hidden = isWhole;
    byId("elsewhere").hidden = true;
  };
  addEventListener("hashchange", show);
  show();
})();
