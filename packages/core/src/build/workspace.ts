/**
 * What it takes to find the applications of a workspace and what they need, by reading their files: no VM, and nothing
 * that takes long to load, since a workspace is read for every command.
 */
export { OtpError } from '../error';
export { atomName, isAtom, listElements, readTerms, stringValue, tupleOf, type Term } from '../erlang';
export { inApplicationFolders, usualApplicationFolders } from './application-folders';
