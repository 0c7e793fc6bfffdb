export default {
  zh: {
    tools: '流程图工具',
    fit: '全部显示',
    closer: '放大',
    farther: '缩小',
    focus: '回到当前环节',
    full: '看全图',
    full_title: '流程图',
    close: '关闭',
    diagram: '流程图，方向键移动，加减号缩放，0 全部显示',
    done: '已办',
    current: '当前',
    overdue: '超期',
    halted: '中止',
    'Open {element}': '展开 {element}'
  },
  en: {
    tools: 'Diagram tools',
    fit: 'Show all',
    closer: 'Zoom in',
    farther: 'Zoom out',
    focus: 'Back to the current step',
    full: 'Whole diagram',
    full_title: 'Diagram',
    close: 'Close',
    diagram: 'Diagram: arrow keys move, plus and minus zoom, 0 shows all',
    done: 'done',
    current: 'current',
    overdue: 'overdue',
    halted: 'halted',
    'Open {element}': 'Open {element}'
  }
};
