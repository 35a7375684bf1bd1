/** What a test asks of the page, in the page: it is run there before everything else, so that the types of a browser hold for it. */

globalThis.shift = 0;
globalThis.shifted = [];
new PerformanceObserver((list) => {
  for (const { value, sources, hadRecentInput } of list.getEntries()) {
    // What a click asked for may move.
    if (hadRecentInput) continue;
    globalThis.shift += value;
    for (const { node } of sources) globalThis.shifted.push(nameOf(node?.parentElement ?? node));
  }
}).observe({ type: 'layout-shift', buffered: true });

const nameOf = (element) =>
  element === null || element === undefined
    ? '?'
    : `${element.tagName} ${element.className} "${(element.textContent ?? '').trim().slice(0, 20)}"`;

/** What is wrong with the looks of the page now, and how much of it moved since the last time. */
globalThis.lookAtPage = () => {
  const shown = [...document.querySelectorAll('body *')].filter((element) => element.checkVisibility());
  const main = document.querySelector('main');
  const found = {
    overflow: Math.max(
      document.documentElement.scrollWidth - innerWidth,
      main === null ? 0 : main.scrollWidth - main.clientWidth,
    ),
    nameless: shown.filter((element) => isControl(element) && !hasName(element)).map(nameOf),
    // Letters that stick out of what is pressed.
    cut: shown
      .filter(
        (element) =>
          element.matches('button, summary, label, th') && element.scrollWidth > element.clientWidth + 1,
      )
      .filter((element) => element.clientWidth > 0)
      .map(nameOf),
    faint: [...new Set(shown.filter(isFaint).map(nameOf))],
    landmarks: ['header', 'nav', 'main'].filter((name) =>
      shown.some((element) => element.matches(`${name}, [role=${name}]`)),
    ),
    headings: shown.filter(({ tagName }) => tagName === 'H1').length,
    shift: globalThis.shift,
    shifted: globalThis.shifted,
  };
  globalThis.shift = 0;
  globalThis.shifted = [];
  return found;
};

/** Where the keyboard is. */
globalThis.focusedNow = () => {
  const element = document.activeElement;
  const rings = [element, element.parentElement].map((each) => getComputedStyle(each).outlineStyle);
  const prompt = element.closest('.prompt');
  const hasRing =
    rings.some((ring) => ring !== 'none') ||
    (prompt !== null && getComputedStyle(prompt).boxShadow !== 'none');
  return {
    name: element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40),
    hasRing,
    part: element.closest('header,nav,main,section.console')?.tagName ?? '',
  };
};

const isControl = (element) =>
  element.matches('button, a[href], input, select, summary, [role=button], [tabindex="0"]');

const hasName = (element) =>
  [
    element.getAttribute('aria-label'),
    element.getAttribute('aria-labelledby'),
    element.textContent.trim(),
    element.labels?.[0]?.textContent,
  ].some((name) => name !== null && name !== undefined && name !== '');

/** Letters that stand out less than 4.5 to 1 from what is behind them (WCAG 1.4.3); what is off need not. */
function isFaint(element) {
  const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
  if (!hasText || element.closest('svg, [aria-hidden=true], :disabled') !== null) return false;
  const [front, back] = [colorOf(getComputedStyle(element).color), groundOf(element)].map(luminance);
  return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05) < 4.5;
}

function groundOf(element) {
  for (let each = element; each !== null; each = each.parentElement) {
    const color = colorOf(getComputedStyle(each).backgroundColor);
    if ((color[3] ?? 1) > 0.5) return color;
  }
  return [255, 255, 255];
}

const colorOf = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);

function luminance([red, green, blue]) {
  const linear = (value) =>
    value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
