// Dark, light, or as the system says. The choice stays in this browser.

import { el } from "./dom.js";

const ORDER = ["system", "dark", "light"];

export function themeButton() {
  const button = el("button", { type: "button", title: "Colours: as the system, dark, light" });
  let now = stored();
  const tell = () => {
    if (now === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = now;
    button.textContent = `Colours: ${now}`;
  };
  button.addEventListener("click", () => {
    now = ORDER[(ORDER.indexOf(now) + 1) % ORDER.length];
    try {
      localStorage.setItem("theme", now);
    } catch {
      // A browser that stores nothing keeps the choice until the page is left.
    }
    tell();
  });
  tell();
  return button;
}

function stored() {
  try {
    const found = localStorage.getItem("theme");
    return ORDER.includes(found) ? found : "system";
  } catch {
    return "system";
  }
}
