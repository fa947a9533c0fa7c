/** Of project files. It rises when a reader of the version before could not read them any more. */
export const PROJECT_VERSION = 1;
