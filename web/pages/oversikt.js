/**
 * Where one who hears a page, or goes by keys, stands: at what it tells first, of what was sent; when a link has been
 * followed, else at the beginning of the new page, or at what the address names in it. Fava puts the new page in the
 * place of the old, and leaves them at neither.
 *
 * Fava runs this for every page, its own too.
 */

let hasBegun = false;

function place() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  named?.scrollIntoView();
  return named?.querySelector("a, button, select, input") ?? document.querySelector("article");
}

export default {
  onPageLoad() {
    const focused = document.activeElement;
    const first = document.querySelector(".forbundsbok [data-first]");
    if (first) {
      first.focus();
    } else if (hasBegun && (focused === document.body || focused.matches("aside a"))) {
      place().focus({ preventScroll: true });
    }
    hasBegun = true;
  },
};
