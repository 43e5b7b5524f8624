// Arguments: the window's width, and whether fingers use it. Returns what is wrong, as texts.
const [width, byFinger] = arguments;
const faults = [];
const told = (element) => element.outerHTML.slice(0, 120);
if (document.documentElement.scrollWidth > width) {
  faults.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`);
}
// Texts with the places where they are drawn.
const drawn = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  if (!node.data.trim() || node.parentElement.closest("option, pre, .skip") || !node.parentElement.checkVisibility()) continue;
  const range = document.createRange();
  range.selectNodeContents(node);
  for (const place of range.getClientRects()) if (place.width > 1) drawn.push([node, place]);
}
for (const [node, place] of drawn) {
  let box = node.parentElement;
  while (box && getComputedStyle(box).overflowX === "visible") box = box.parentElement;
  // A wide table scrolls by itself, by keys as well: nothing of it is cut off.
  if (box?.matches("[role=region][tabindex='0']") && getComputedStyle(box).overflowX === "auto") continue;
  if (box && (place.right > box.getBoundingClientRect().right + 1 || place.left < box.getBoundingClientRect().left - 1)) {
    faults.push(`cut off: ${node.data.trim()} in ${told(box)}`);
  }
}
drawn.forEach(([node, a], at) => {
  for (const [other, b] of drawn.slice(at + 1)) {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (node !== other && across > 2 && down > 6) faults.push(`“${node.data.trim()}” lies on “${other.data.trim()}”`);
  }
});
const targets = "button, select, a.button, nav a, .figures a, .decide label, input:not([type=hidden], [type=radio], [type=checkbox])";
for (const target of byFinger ? document.querySelectorAll(targets) : []) {
  const place = target.getBoundingClientRect();
  if (place.height < 40 || place.width < 40) faults.push(`small for a finger: ${Math.round(place.width)} × ${Math.round(place.height)}: ${told(target)}`);
}
return [...new Set(faults)];
