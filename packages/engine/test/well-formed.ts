/** An element of a page: enough of a document to test one. */
export interface PageElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (PageElement | string)[];
}

const token = /<!--[\s\S]*?-->|<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|[^<]+|</g;
const entity = /&(?!(?:amp|lt|gt|quot|#39);)/;

/** Reads a page as XML behind its document type. Throws where a tag is open or wrong, or a bare `<`, `&` or attribute stands. */
export function parsePage(page: string): PageElement {
  const body = page.replace(/^<!doctype html>\s*/, '');
  const root: PageElement = { name: '', attributes: new Map(), children: [] };
  const open = [root];
  for (const [text, closes, name, attributes, empty] of body.matchAll(token)) {
    const parent = open.at(-1)!;
    if (entity.test(text) && parent.name !== 'style') throw new Error(`a bare & in ${text}`);
    if (name === undefined) {
      if (text === '<') throw new Error(`a bare < in <${parent.name}>`);
      if (!text.startsWith('<!--')) parent.children.push(text);
    } else if (closes === '/') {
      if (parent.name !== name) throw new Error(`</${name}> ends <${parent.name}>`);
      open.pop();
    } else {
      const element: PageElement = { name, attributes: attributesOf(name, attributes ?? ''), children: [] };
      parent.children.push(element);
      if (empty !== '/') open.push(element);
    }
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)!.name}> is not ended`);
  return root;
}

function attributesOf(element: string, text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/([\w:-]+)="([^"]*)"/g)) {
    if (found.has(name!)) throw new Error(`<${element}> has two ${name}`);
    found.set(name!, decoded(value!));
  }
  return found;
}

const decoded = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

const isElement = (child: PageElement | string): child is PageElement => typeof child !== 'string';

/** All elements inside one, in order. */
export const elementsIn = (element: PageElement): PageElement[] =>
  element.children.flatMap((child) => (isElement(child) ? [child, ...elementsIn(child)] : []));

/** Its text and that of what is inside. */
export const textOf = (element: PageElement): string =>
  element.children.map((child) => (isElement(child) ? textOf(child) : decoded(child))).join('');
