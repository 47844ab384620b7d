// The keyboard: one letter where no field has it.

const TABS = ["overview", "prints", "reasons", "features", "legacy"];

export function bindKeys(terminal) {
  const { events, filters, help } = terminal;
  const acts = {
    j: () => events.step(1),
    k: () => events.step(-1),
    ArrowDown: () => events.step(1),
    ArrowUp: () => events.step(-1),
    PageDown: () => events.step(20),
    PageUp: () => events.step(-20),
    Enter: () => events.openChosen(),
    " ": () => events.pause(),
    "/": () => filters.focus(),
    "?": () => help.showModal(),
    Escape: () => events.close(),
  };
  TABS.forEach((name, place) => {
    acts[place + 1] = () => events.turn(name);
  });
  document.addEventListener("keydown", (key) => {
    if (key.ctrlKey || key.altKey || key.metaKey || help.open) return;
    const field = key.target.closest("input, select, textarea");
    if (field) {
      if (key.key === "Escape") field.blur();
      return;
    }
    const pressed =
      key.target.closest("button, a, [role='tabpanel']") && [" ", "Enter", "ArrowDown", "ArrowUp", "PageDown", "PageUp"].includes(key.key);
    const act = pressed || (terminal.place.page !== "events" && key.key !== "?") ? null : acts[key.key];
    if (!act) return;
    key.preventDefault();
    act();
  });
}
