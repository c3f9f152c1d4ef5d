package dialect

import (
	"net/http"
	"strings"

	"example.org/pdns/plugin/pkg/httpapi/keys"
)

// Basic is the key that a request presents by Basic authentication: the user is
// the key's name, the password its secret; or the user is whoever he is, and the
// password the whole key. It is empty if there is none.
func Basic(r *http.Request) string {
	user, password, ok := r.BasicAuth()
	if !ok {
		return ""
	}
	if !keys.IsName(user) {
		// People have addresses of mail there, and the whole key as the password.
		return password
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
