/** Puts the console on its page. */
import { render } from 'preact';
import { Console } from './console.js';

const root = document.getElementById('console');
if (root !== null) render(<Console />, root);
