/* On every page: keys, confirmation, uploads, clocks, copies, larger text. No framework. */
import './page.css';
import actions from '../page/actions.js';
import clock from '../page/clock.js';
import confirm from '../page/confirm.js';
import keyboard from '../page/keyboard.js';
import poll from '../page/poll.js';
import { copy, elder, navigation, once, picks, toasts } from '../page/small.js';
import uploads from '../page/upload.js';

for (const start of [confirm, actions, keyboard, clock, poll, uploads, copy, elder, picks, once, navigation, toasts])
  start();
document.documentElement.dataset.ready = '1';
