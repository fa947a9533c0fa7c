/** How a lesson's file says what it is; apart from its schema, which is loaded with the first lesson. */
export const KIND = 'rangefinder-lesson';
