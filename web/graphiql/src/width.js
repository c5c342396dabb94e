/** Returns whether the page is as narrow as a phone. `narrow.css` has the same limit. */
export function isNarrow() {
  return matchMedia("(max-width: 700px)").matches;
}
