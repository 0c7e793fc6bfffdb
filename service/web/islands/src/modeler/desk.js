/* The diagram under work: its XML, the version it comes from, whether it was saved. */
const PALETTE_WIDTH = 60;

/** bpmnlint reads incoming and outgoing; files that leave them out get them from the flows. */
function fillFlows(registry) {
  registry
    .filter(element => element.type === 'bpmn:SequenceFlow')
    .forEach(({ businessObject: flow }) => {
      for (const [end, side] of [
        [flow.sourceRef, 'outgoing'],
        [flow.targetRef, 'incoming']
      ]) {
        const flows = end?.get(side);
        if (flows && !flows.includes(flow)) flows.push(flow);
      }
    });
}

export default class Desk {
  constructor(node, modeler) {
    Object.assign(this, {
      node,
      modeler,
      place: node.dataset.key || 'new',
      base: node.dataset.version || '',
      deployed: '',
      savedAt: -1
    });
    this.stack = modeler.get('commandStack');
  }

  async open(xml) {
    await this.modeler.importXML(xml);
    fillFlows(this.modeler.get('elementRegistry'));
    this.savedAt = this.stack._stackIdx;
    this.fit();
  }

  /** All of it, beside the palette. */
  fit() {
    const canvas = this.modeler.get('canvas');
    canvas.resized();
    canvas.zoom('fit-viewport', 'auto');
    const { x, y, width, height, scale } = canvas.viewbox();
    const margin = 20 / scale;
    canvas.viewbox({
      x: x - PALETTE_WIDTH / scale - margin,
      y: y - margin,
      width: width + PALETTE_WIDTH / scale + 2 * margin,
      height: height + 2 * margin
    });
  }

  /** Text of the panel and of a name on the canvas is taken over when its field is left: so leave it. */
  async settle() {
    document.activeElement?.blur?.();
    this.modeler.get('directEditing').complete();
    await new Promise(done => setTimeout(done, 50));
  }

  async xml() {
    return (await this.modeler.saveXML({ format: true })).xml;
  }

  process() {
    return this.modeler.getDefinitions().rootElements.find(root => root.$type === 'bpmn:Process') || {};
  }

  key() {
    return this.process().id || this.place;
  }

  title() {
    return this.process().name || this.key();
  }

  get changed() {
    return this.savedAt !== this.stack._stackIdx;
  }

  saved() {
    this.savedAt = this.stack._stackIdx;
  }

  deployedNow(xml, version) {
    Object.assign(this, { deployed: xml, base: version });
    this.node.dataset.version = version;
    this.saved();
  }

  say(text) {
    this.node.querySelector('[data-save-state]').textContent = text;
  }
}
