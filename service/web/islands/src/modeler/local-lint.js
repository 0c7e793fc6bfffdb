/* bpmnlint in the browser: what can be said about a drawing without the service. */
import Linter from 'bpmnlint/lib/linter';
import duplicates from 'bpmnlint/rules/no-duplicate-sequence-flows';
import endRequired from 'bpmnlint/rules/end-event-required';
import implicitSplit from 'bpmnlint/rules/no-implicit-split';
import label from 'bpmnlint/rules/label-required';
import disconnected from 'bpmnlint/rules/no-disconnected';
import startRequired from 'bpmnlint/rules/start-event-required';

const RULES = {
  'label-required': [label, 'warn'],
  'no-disconnected': [disconnected, 'error'],
  'no-implicit-split': [implicitSplit, 'error'],
  'start-event-required': [startRequired, 'error'],
  'end-event-required': [endRequired, 'error'],
  'no-duplicate-sequence-flows': [duplicates, 'warn']
};

/* A rule keeps what it has seen, so each run has a linter of its own. */
const freshLinter = () =>
  new Linter({
    config: { rules: Object.fromEntries(Object.entries(RULES).map(([name, [, level]]) => [name, level])) },
    resolver: { resolveRule: (pkg, name) => RULES[name][0] }
  });

/** Problems of the same shape as the service's: code, severity, element_id, message, path. */
export default async function lintLocally(definitions, word) {
  const found = await freshLinter().lint(definitions);
  return Object.entries(found).flatMap(([code, reports]) =>
    reports.map(report => ({
      code,
      severity: report.category === 'error' ? 'error' : 'warning',
      element_id: report.id,
      message: word(report.message),
      path: [],
      local: true
    }))
  );
}
