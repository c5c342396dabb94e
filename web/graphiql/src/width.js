/** Whether the page is as narrow as a phone: `narrow.css` has the same bound. */
export function isNarrow() {
  return matchMedia("(max-width: 700px)").matches;
}
