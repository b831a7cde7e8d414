// Starts Swagger UI. A browser that is signed in by cookies must show its CSRF token with whatever it changes.
window.onload = () => {
  const csrf = () =>
    document.cookie.split("; ").find((pair) => pair.startsWith("__Host-csrf="))?.slice("__Host-csrf=".length);
  window.ui = SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    tryItOutEnabled: true,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    validatorUrl: null,
    requestInterceptor: (request) => {
      const token = csrf();
      if (token) request.headers["X-CSRF-Token"] = token;
      return request;
    },
  });
};
