// bpmn-engine from npm: `node steps.mjs FOLDER`. The state is kept after each step and recovered before the next.
// No timers, forms, history, materials or fees. Spoken to as the other rivals (bench/rivals/talking.py).
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { Engine } from "bpmn-engine";

const STEPS = ["apply", "formal_check", "site_survey", "section_review", "decide"];
const source = readFileSync(process.argv[3], "utf8");
const database = new DatabaseSync(join(process.argv[2], "bpmn-engine.db"));
for (const pragma of ["journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"]) database.exec(`PRAGMA ${pragma}`);
database.exec("CREATE TABLE workflow (id INTEGER PRIMARY KEY, state TEXT NOT NULL)");
const insert = database.prepare("INSERT INTO workflow (state) VALUES (?)");
const select = database.prepare("SELECT state FROM workflow WHERE id = ?");
const update = database.prepare("UPDATE workflow SET state = ? WHERE id = ?");

function signal(execution, step, given) {
  const waiting = execution.getPostponed().find((activity) => activity.id === step);
  if (!waiting) throw new Error(`Expected ${step} to be open`);
  waiting.signal(given);
}

async function start(given) {
  const execution = await new Engine({ name: "licence", source }).execute();
  signal(execution, STEPS[0], given);
  const state = JSON.stringify(execution.getState());
  database.exec("BEGIN IMMEDIATE");
  const { lastInsertRowid } = insert.run(state);
  database.exec("COMMIT");
  await execution.stop();
  return lastInsertRowid;
}

async function complete(id, step, given) {
  database.exec("BEGIN IMMEDIATE");
  const engine = new Engine({ name: "licence" }).recover(JSON.parse(select.get(id).state));
  const execution = await engine.resume();
  signal(execution, step, given);
  update.run(JSON.stringify(execution.getState()), id);
  database.exec("COMMIT");
  if (step !== STEPS.at(-1)) await execution.stop();
}

async function measured(act, work) {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  const found = await work();
  const used = process.cpuUsage(cpu);
  return [{ act, cpu_ms: (used.user + used.system) / 1000, wall_ms: performance.now() - wall }, found];
}

console.log(JSON.stringify("ready"));
for await (const line of createInterface({ input: process.stdin })) {
  const answers = JSON.parse(line);
  const [begun, id] = await measured("start a case", () => start(answers[STEPS[0]]));
  const costs = [begun];
  for (const step of STEPS.slice(1)) {
    const [cost] = await measured(`complete ${step}`, () => complete(id, step, answers[step]));
    costs.push(cost);
  }
  console.log(JSON.stringify(costs));
}
