// Gathers what goes wrong, before anything else runs.
window.errors = [];
addEventListener("error", event => window.errors.push(String(event.message)));
addEventListener("unhandledrejection", event => window.errors.push(String(event.reason)));
document.addEventListener("securitypolicyviolation", event => window.errors.push(`${event.violatedDirective} ${event.blockedURI}`));
for (const name of ["error", "warn"]) console[name] = (...told) => window.errors.push(told.join(" "));
