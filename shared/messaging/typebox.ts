/**
 * The one door to typebox, which the build fills with all that is behind it (`scripts/build/bundle.mjs`): each start of a process
 * took a fifth of a second for the 540 files of that library. Unfilled it does the same, later.
 */
export * from 'typebox';
export { default } from 'typebox';
export { Compile, type Validator } from 'typebox/schema';
