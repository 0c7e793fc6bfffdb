/* What the modeler offers: only elements that the engine runs and the linter knows. */
const CREATE = [
  ['start-event', 'bpmn:StartEvent', 'bpmn-icon-start-event-none', 'Create start event', 'event'],
  ['end-event', 'bpmn:EndEvent', 'bpmn-icon-end-event-none', 'Create end event', 'event'],
  ['exclusive-gateway', 'bpmn:ExclusiveGateway', 'bpmn-icon-gateway-xor', 'Create gateway', 'gateway'],
  ['user-task', 'bpmn:UserTask', 'bpmn-icon-user-task', 'Create user task', 'activity'],
  ['service-task', 'bpmn:ServiceTask', 'bpmn-icon-service-task', 'Create service task', 'activity'],
  [
    'subprocess-expanded',
    'bpmn:SubProcess',
    'bpmn-icon-subprocess-expanded',
    'Create expanded sub-process',
    'activity',
    { isExpanded: true }
  ]
];

const TOOLS = ['hand-tool', 'lasso-tool', 'space-tool', 'global-connect-tool', 'tool-separator'];

const REPLACE = [
  'user-task',
  'service-task',
  'receive-task',
  'call-activity',
  'expanded-subprocess',
  'exclusive-gateway',
  'parallel-gateway',
  'none-start',
  'none-end',
  'terminate-end',
  'timer-intermediate-catch',
  'message-intermediate-catch',
  'timer-boundary',
  'non-interrupting-timer-boundary',
  'error-boundary',
  'default-flow',
  'sequence-flow',
  'conditional-flow'
].map(name => `replace-with-${name}`);

class Palette {
  constructor(palette, create, elementFactory, translate) {
    Object.assign(this, { create, elementFactory, translate });
    palette.registerProvider(400, this);
  }

  entry([, type, className, title, group, more]) {
    const start = event => this.create.start(event, this.elementFactory.createShape({ type, ...more }));
    return { group, className, title: this.translate(title), action: { dragstart: start, click: start } };
  }

  getPaletteEntries() {
    const own = Object.fromEntries(CREATE.map(one => [`create.${one[0]}`, this.entry(one)]));
    return entries => ({ ...Object.fromEntries(Object.entries(entries).filter(([id]) => TOOLS.includes(id))), ...own });
  }
}
Palette.$inject = ['palette', 'create', 'elementFactory', 'translate'];

class ContextPad {
  constructor(contextPad, autoPlace, create, elementFactory, translate) {
    Object.assign(this, { autoPlace, create, elementFactory, translate });
    contextPad.registerProvider(400, this);
  }

  userTask() {
    return this.elementFactory.createShape({ type: 'bpmn:UserTask' });
  }

  /** Appending a task appends a user task; the plain one has no meaning here. */
  getContextPadEntries() {
    return entries => {
      if (!entries['append.append-task']) return entries;
      const task = {
        group: 'model',
        className: 'bpmn-icon-user-task',
        title: this.translate('Append user task'),
        action: {
          click: (event, element) => this.autoPlace.append(element, this.userTask()),
          dragstart: (event, element) => this.create.start(event, this.userTask(), { source: element })
        }
      };
      return { ...entries, 'append.append-task': task };
    };
  }
}
ContextPad.$inject = ['contextPad', 'autoPlace', 'create', 'elementFactory', 'translate'];

class ReplaceMenu {
  constructor(popupMenu) {
    popupMenu.registerProvider('bpmn-replace', 400, this);
  }

  getPopupMenuEntries() {
    return entries => Object.fromEntries(Object.entries(entries).filter(([id]) => REPLACE.includes(id)));
  }

  getPopupMenuHeaderEntries() {
    return entries => Object.fromEntries(Object.entries(entries).filter(([id]) => id === 'toggle-non-interrupting'));
  }
}
ReplaceMenu.$inject = ['popupMenu'];

export default {
  __init__: ['mjPalette', 'mjContextPad', 'mjReplaceMenu'],
  mjPalette: ['type', Palette],
  mjContextPad: ['type', ContextPad],
  mjReplaceMenu: ['type', ReplaceMenu]
};
