// Starts Swagger UI, for whoever is signed in by cookies, too.
window.onload = () => {
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
