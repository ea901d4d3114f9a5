/** What every page is written with: templates, hooks, and the type of what they give. */
export { html } from 'htm/preact';
export { render, type ComponentChildren as View } from 'preact';
export { useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
