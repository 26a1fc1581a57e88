/** Who is signed in, for whatever has to know. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { SessionView } from './answers.js';

export const SessionContext = createContext<SessionView>({ operator: null, csrfToken: '', development: false });

/** Whether who is signed in may change something; the API decides, this only spares a refusal. */
export const useMayChange = (): boolean => useContext(SessionContext).operator?.role === 'operator';
