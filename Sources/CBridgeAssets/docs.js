"use strict";

// Shows openapi.json. Every text becomes a text node, so nothing in the document can be markup.

const source = "/api/v1/analytics/openapi.json";
let api;

function element(name, properties, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (key === "class") node.className = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const code = (text) => element("code", null, text);
const block = (text) => element("pre", { tabindex: "0" }, code(text));

function resolve(value) {
  let target = value;
  for (let depth = 0; target && target.$ref && depth < 10; depth += 1) {
    target = target.$ref.slice(2).split("/").reduce((node, key) => node[key], api);
  }
  return target || {};
}

// Paragraphs are separated by empty lines, code stands in backquotes: as much of Markdown as the
// document uses.
function prose(text) {
  return (text || "").split(/\n\n+/).map((paragraph) => {
    const parts = paragraph.split("`").map((part, index) => (index % 2 ? code(part) : part));
    return element("p", null, ...parts);
  });
}

function typeOf(schema) {
  const target = resolve(schema);
  if (target.const !== undefined) return JSON.stringify(target.const);
  if (target.enum) return target.enum.map((word) => JSON.stringify(word)).join(" | ");
  const choices = target.anyOf || target.oneOf;
  if (choices) return choices.map(typeOf).join(" | ");
  if (target.type === "array") return `array of ${typeOf(target.items || {})}`;
  let type = [].concat(target.type || "any").join(" | ");
  if (target.format) type += ` (${target.format})`;
  const { minimum, maximum } = target;
  if (minimum !== undefined && maximum !== undefined) type += `, ${minimum} to ${maximum}`;
  else if (minimum !== undefined) type += `, at least ${minimum}`;
  return type;
}

function membersOf(schema) {
  const target = resolve(schema);
  const members = { ...target.properties };
  for (const part of target.allOf || []) Object.assign(members, membersOf(part));
  for (const part of target.anyOf || target.oneOf || []) Object.assign(members, membersOf(part));
  if (target.type === "array" && target.items) return membersOf(target.items);
  return members;
}

function schemaList(schema, depth) {
  const entries = Object.entries(membersOf(schema));
  if (entries.length === 0 || depth > 6) return null;
  return element("ul", { class: "schema" }, ...entries.map(([name, member]) => {
    const target = resolve(member);
    const line = [code(name), " ", element("span", { class: "quiet" }, typeOf(member))];
    if (target.description) line.push(` – ${target.description}`);
    return element("li", null, ...line, schemaList(member, depth + 1));
  }));
}

function parameterTable(parameters) {
  const rows = parameters.map(resolve).map((parameter) => element("tr", null,
    element("td", null, code(parameter.name), parameter.required ? " (required)" : ""),
    element("td", { class: "quiet" }, parameter.in),
    element("td", null, typeOf(parameter.schema || {})),
    element("td", null, parameter.description || ""),
  ));
  const heads = ["name", "in", "value", ""].map((text) => element("th", { scope: "col" }, text));
  return element("div", { class: "wide" }, element("table", null,
    element("thead", null, element("tr", null, ...heads)),
    element("tbody", null, ...rows)));
}

function exampleText(example, type) {
  return type.includes("json") ? JSON.stringify(example, null, 2) : String(example);
}

function responseView(status, response) {
  const target = resolve(response);
  const kind = status < "400" ? "good" : "bad";
  const view = element("details", null, element("summary", null,
    element("span", { class: kind }, status), ` ${target.description || ""}`));
  const headers = Object.entries(target.headers || {});
  if (headers.length > 0) {
    view.append(element("p", { class: "quiet" }, "Headers: ", ...headers.flatMap(
      ([name], index) => (index ? [", ", code(name)] : [code(name)]))));
  }
  for (const [type, content] of Object.entries(target.content || {})) {
    const list = schemaList(content.schema || {}, 0);
    view.append(element("p", { class: "quiet" }, type));
    if (list) view.append(element("details", null, element("summary", null, "Members"), list));
    const examples = content.examples
      ? Object.values(content.examples).map((example) => resolve(example).value)
      : [content.example];
    for (const example of examples) {
      if (example !== undefined) view.append(block(exampleText(example, type)));
    }
  }
  return view;
}

function curl(method, path, operation, parameters) {
  const query = parameters.map(resolve)
    .filter((parameter) => parameter.in === "query" && parameter.example !== undefined
      && (operation["x-shown"] || []).includes(parameter.name))
    .map((parameter) => `${parameter.name}=${encodeURIComponent(parameter.example)}`);
  const isOpen = Array.isArray(operation.security) && operation.security.length === 0;
  const verb = method === "get" ? "" : ` -X ${method.toUpperCase()}`;
  const credential = isOpen ? "" : " -H \"Authorization: Bearer $TOKEN\"";
  const tail = query.length > 0 ? `?${query.join("&")}` : "";
  const body = operation.requestBody && resolve(operation.requestBody).content["application/json"];
  const data = body && body.example ? ` -d '${JSON.stringify(body.example)}'` : "";
  return `curl${verb}${credential}${data} "${window.location.origin}${path}${tail}"`;
}

function operationView(path, method, operation, shared) {
  const parameters = [...shared, ...(operation.parameters || [])];
  const name = operation.operationId || `${method}-${path}`;
  const view = element("section", { "aria-labelledby": name },
    element("h3", { id: name }, element("span", { class: "method" }, method.toUpperCase()), path),
    ...prose(operation.summary), ...prose(operation.description));
  view.append(element("h4", null, "Request"), block(curl(method, path, operation, parameters)));
  if (parameters.length > 0) {
    view.append(element("h4", null, "Parameters"), parameterTable(parameters));
  }
  const body = operation.requestBody && resolve(operation.requestBody).content;
  for (const [type, content] of Object.entries(body || {})) {
    view.append(element("h4", null, `Body (${type})`));
    const list = schemaList(content.schema || {}, 0);
    if (list) view.append(list);
    if (content.example !== undefined) view.append(block(exampleText(content.example, type)));
  }
  view.append(element("h4", null, "Answers"));
  for (const [status, response] of Object.entries(operation.responses || {})) {
    view.append(responseView(status, response));
  }
  return view;
}

function securityView() {
  const schemes = Object.values((api.components || {}).securitySchemes || {});
  return schemes.map((scheme) => element("li", null, scheme.description || scheme.type));
}

function show() {
  const main = document.getElementById("content");
  const nav = document.getElementById("contents");
  main.replaceChildren(
    element("h1", null, api.info.title),
    element("p", { class: "quiet" }, `Version ${api.info.version} · `,
      element("a", { href: source }, "openapi.json")),
    ...prose(api.info.description),
    element("h4", null, "Credentials"), element("ul", null, ...securityView()));
  const groups = new Map((api.tags || []).map((tag) => [tag.name, { tag, operations: [] }]));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of ["get", "post", "put", "delete"]) {
      const operation = item[method];
      if (!operation) continue;
      const name = (operation.tags || ["other"])[0];
      if (!groups.has(name)) groups.set(name, { tag: { name }, operations: [] });
      groups.get(name).operations.push([path, method, operation, item.parameters || []]);
    }
  }
  for (const { tag, operations } of groups.values()) {
    nav.append(element("h2", null, tag.name));
    main.append(element("h2", null, tag.name), ...prose(tag.description));
    for (const [path, method, operation, shared] of operations) {
      const name = operation.operationId || `${method}-${path}`;
      nav.append(element("a", { href: `#${name}` },
        element("span", { class: "method" }, method.toUpperCase()),
        path.replace("/api/v1/analytics", "") || path));
      main.append(operationView(path, method, operation, shared));
    }
  }
  if (window.location.hash) {
    const target = document.getElementById(window.location.hash.slice(1));
    if (target) target.scrollIntoView();
  }
}

fetch(source)
  .then((response) => {
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.json();
  })
  .then((document) => {
    api = document;
    show();
  })
  .catch((error) => {
    const notice = document.getElementById("notice");
    if (notice) notice.textContent = `${source} cannot be shown: ${error.message}`;
  });
