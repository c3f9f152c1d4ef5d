package httpapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/httpapi/keys"
)

// statuses are those of errors that a client is told the text of. The first that
// fits decides.
var statuses = []struct {
	err    error
	status int // 0: that of the dialect for a key that does not fit
}{
	{keys.ErrUnknown, 0},
	{keys.ErrExpired, http.StatusUnauthorized},
	{keys.ErrRevoked, http.StatusUnauthorized},
	{keys.ErrBusy, http.StatusServiceUnavailable},
	{keys.ErrQuota, http.StatusTooManyRequests},
	{keys.ErrRate, http.StatusTooManyRequests},
	{ask.ErrBusy, http.StatusServiceUnavailable},
	{ask.ErrTimeout, http.StatusServiceUnavailable},
	{ask.ErrNotOpen, http.StatusServiceUnavailable},
}

// faultOf is what a client is told about an error; nil if there is nobody to tell.
// What is wrong with the history is for whoever runs the server, and goes to the log.
func (h *handler) faultOf(d *dialect.Dialect, x *dialect.Exchange, err error) *dialect.Fault {
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			return &dialect.Fault{Status: cmp.Or(s.status, d.Unknown, http.StatusUnauthorized), Text: s.err.Error(), Err: err}
		}
	}
	if errors.Is(err, context.Canceled) || x.Request.Context().Err() != nil {
		return nil
	}
	h.config.tell("the history could not be read: " + err.Error())
	return &dialect.Fault{Status: http.StatusServiceUnavailable, Text: "the history could not be read", Err: err}
}
