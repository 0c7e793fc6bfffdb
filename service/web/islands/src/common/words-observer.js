/* For libraries that know no translation: exact words in text and in labels are exchanged as the nodes appear. */
const NAMES = ['aria-label', 'placeholder', 'title'];
const UNTOUCHED = 'input, textarea, script, style, [contenteditable=true]';

export default function localise(root, words, patterns = []) {
  const translated = text => words[text] ?? patterns.reduce((result, [from, to]) => result.replace(from, to), text);

  const inText = node => {
    const text = node.data.trim();
    const other = text && translated(text);
    if (other !== text) node.data = node.data.replace(text, other);
  };

  const inLabels = node =>
    NAMES.filter(name => node.hasAttribute(name)).forEach(name => {
      const text = node.getAttribute(name);
      const other = translated(text);
      if (other !== text) node.setAttribute(name, other);
    });

  const visit = node => {
    if (node.nodeType === Node.TEXT_NODE) {
      inText(node);
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    inLabels(node);
    if (!node.matches(UNTOUCHED)) node.childNodes.forEach(visit);
  };

  visit(root);
  new MutationObserver(changes =>
    changes.forEach(change => {
      change.addedNodes.forEach(visit);
      if (change.type === 'characterData') visit(change.target);
    })
  ).observe(root, { childList: true, subtree: true, characterData: true });
}
