// Elements. Every text becomes a text node, so that nothing of an answer can be markup.

const namespace = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Makes an element with attributes and children; children that are null are left out. */
export const element = (name, attributes, ...children) =>
  fill(document.createElement(name), attributes, children);

/** Makes an element of SVG. */
export const shape = (name, attributes, ...children) =>
  fill(document.createElementNS(namespace, name), attributes, children);

/** The element with an id. */
export const byID = (id) => document.getElementById(id);
