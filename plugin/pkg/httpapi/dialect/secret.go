package dialect

import (
	"net/http"
	"strings"
)

// Basic is the key that a request presents by Basic authentication: the user is
// the key's name, the password its secret. It is empty if there is none.
func Basic(r *http.Request) string {
	user, password, ok := r.BasicAuth()
	if !ok {
		return ""
	}
	return user + ":" + password
}

// Bearer is the key that a request presents as a bearer token; empty if none.
func Bearer(r *http.Request) string {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
