// Argument: whether the way begins. At the beginning every element that can be used is given a number, in the order of the page, and
// the ones at which Tab arrives are noted. Afterwards returns what is wrong, as texts.
const [begins] = arguments;
const told = (element) => element.outerHTML.replace(/value="[^"]*"/g, "").slice(0, 140);
// A summary of a place that is folded up can be used; what is inside cannot.
const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("details:not([open]) > :not(summary)");
const mark = (element) => {
  const style = getComputedStyle(element);
  return `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor} ${style.boxShadow}`;
};
if (begins) {
  // A field may have the focus as the page comes; the way begins before the first element all the same.
  const start = document.createElement("span");
  start.tabIndex = -1;
  document.body.prepend(start);
  start.focus();
  start.remove();
  const usable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const all = [...document.querySelectorAll(usable)].filter((element) => !element.disabled && isShown(element));
  // Of choices of one name Tab comes to one.
  const groups = new Map();
  const stops = all.filter((element) => {
    if (element.type !== "radio") return true;
    const first = groups.get(element.name) ?? element;
    groups.set(element.name, first);
    return first === element;
  });
  const way = { stops, plain: new Map(all.map((element) => [element, mark(element)])), seen: [], faults: [] };
  window.tabbing = way;
  const at = (element) => stops.indexOf(element.type === "radio" ? groups.get(element.name) : element);
  document.addEventListener("keyup", () => {
    const element = document.activeElement;
    if (!element || element === document.body) return way.seen.push(-1);
    way.seen.push(at(element));
    // The calendar of a date has a mark of the browser's own.
    if (element.type === "date" && way.seen.at(-2) === way.seen.at(-1)) return;
    const look = getComputedStyle(element);
    const isMarked = (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 1) || look.boxShadow !== "none";
    if (!isMarked || mark(element) === way.plain.get(element)) way.faults.push(`no mark of the focus: ${told(element)}`);
    const place = element.getBoundingClientRect();
    const x = Math.min(Math.max(place.x + Math.min(place.width, 40) / 2, 0), innerWidth - 1);
    const y = Math.min(Math.max(place.y + Math.min(place.height, 40) / 2, 0), innerHeight - 1);
    const top = document.elementFromPoint(x, y);
    if (!(element.contains(top) || top?.contains(element))) way.faults.push(`covered while it has the focus: ${told(element)}`);
  });
  return [stops.length + 4 * stops.filter((element) => element.type === "date").length];
}
const { stops, faults } = window.tabbing;
// Year, month, day and the calendar of a date are stops of one element.
const seen = window.tabbing.seen.filter((at, turn, all) => stops[at]?.type !== "date" || at !== all[turn - 1]);
const first = seen.slice(0, stops.length);
stops.forEach((element, at) => {
  if (!seen.includes(at)) faults.push(`Tab does not come to: ${told(element)}`);
  else if (first[at] !== at) faults.push(`out of its order (${first[at]} in place of ${at}): ${told(element)}`);
});
// What follows the last one is the browser's own, or the first one again.
if (seen[stops.length] > 0) faults.push(`Tab stays in the page: ${told(stops[seen[stops.length]])}`);
return [...new Set(faults)];
