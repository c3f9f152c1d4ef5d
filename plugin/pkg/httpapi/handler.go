package httpapi

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/httpapi/keys"
)

// A handler finds out in which dialect a request is put, who asks, and whether he
// may, and has the dialect answer.
type handler struct {
	config   *Config
	keys     *keys.File
	anyone   *keys.Grant // of those who need no key
	engine   *ask.Engine
	dialects []dialect.Dialect
	nowhere  dialect.Dialect // of all other paths
	stall    time.Duration
	closing  <-chan struct{} // closed when no answer shall begin any more

	strangers strangers
}

func newHandler(c *Config, file *keys.File, closing <-chan struct{}) *handler {
	spoken := dialects(c)
	return &handler{
		config:   c,
		keys:     file,
		anyone:   keys.NewGrant("", keys.Terms{Limit: c.Limit, Rate: c.Rate}),
		engine:   ask.NewEngine(c.Source, c.Timeout),
		dialects: spoken,
		nowhere:  nowhere(spoken),
		stall:    stall,
		closing:  closing,
		// Some lines a second say enough.
		strangers: strangers{limiter: rate.NewLimiter(5, 20)},
	}
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = oneSlash(r)
	d, prefix := h.choose(r.URL.EscapedPath())
	h.handle(w, r, d, prefix)
}

// handle answers in a dialect.
func (h *handler) handle(w http.ResponseWriter, r *http.Request, d *dialect.Dialect, prefix string) {
	start := time.Now()
	counted := &counter{ResponseWriter: w, stall: h.stall}
	packed := compress(counted, r)
	x, fault := dialect.New(packed, r, prefix, h.engine, clock.Now())
	x.Grant, x.Origin, x.Closing = h.anyone, h.config.Origin, h.closing
	cut := h.serve(d, x, fault, counted)
	if !cut { // else it would look whole
		cut = packed.Close() != nil || counted.failed
	}
	h.record(d, x, counted, time.Since(start), cut)
	if cut {
		// The client must see that this is not the end of the answer.
		if !r.ProtoAtLeast(1, 1) {
			reset(w)
		}
		panic(http.ErrAbortHandler)
	}
	counted.within(h.stall) // what is sent once this returns
}

// oneSlash is a request whose path begins with one slash: where the server that a
// client was told ends in one, some, as dnsdbq, begin it with two.
func oneSlash(r *http.Request) *http.Request {
	path := r.URL.EscapedPath()
	extra := len(path) - len(strings.TrimLeft(path, "/")) - 1
	if extra < 1 {
		return r
	}
	u := *r.URL
	u.Path, u.RawPath = u.Path[extra:], path[extra:]
	r = r.WithContext(r.Context()) // a copy: it is the server's
	r.URL = &u
	return r
}

// choose returns the dialect whose prefix fits a path best.
func (h *handler) choose(path string) (d *dialect.Dialect, prefix string) {
	d = &h.nowhere
	for i := range h.dialects {
		for _, p := range h.dialects[i].Prefixes {
			whole := strings.TrimSuffix(p, "/")
			rest, fits := strings.CutPrefix(path, whole)
			if fits && (rest == "" || rest[0] == '/') && len(p) > len(prefix) {
				d, prefix = &h.dialects[i], p
			}
		}
	}
	return d, prefix
}

// serve answers. It reports whether the answer must be cut, as what left of it is
// not whole and cannot say so.
func (h *handler) serve(d *dialect.Dialect, x *dialect.Exchange, fault *dialect.Fault, w *counter) (cut bool) {
	err := h.guard(d, func() error { return h.answer(d, x, fault) })
	x.End()
	if err == nil {
		return false
	}
	if w.status != 0 {
		return true
	}
	if !errors.As(err, &fault) {
		fault = h.faultOf(d, x, err)
	}
	if fault == nil {
		return true
	}
	header(d, x, fault)
	return h.guard(d, func() error { d.Refuse(x, fault); return nil }) != nil
}

// header sets what goes with a refusal in every dialect. Who has no key that fits
// does not keep a connection either.
func header(d *dialect.Dialect, x *dialect.Exchange, f *dialect.Fault) {
	h := x.W.Header()
	switch f.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		h.Set("Connection", "close")
		if d.Challenge != "" && f.Status == http.StatusUnauthorized {
			h.Set("WWW-Authenticate", d.Challenge)
		}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		h.Set("Retry-After", strconv.Itoa(retryAfter(x, f)))
	}
}

// retryAfter is in how many seconds to ask again.
func retryAfter(x *dialect.Exchange, f *dialect.Fault) int {
	if s, ok := x.Grant.Standing(x.Now); ok && errors.Is(f.Err, keys.ErrQuota) {
		return max(int(s.Reset.Sub(x.Now)/time.Second), 0) + 1
	}
	if errors.Is(f.Err, keys.ErrRate) {
		return int(math.Ceil(min(1/x.Grant.Rate, 3600)))
	}
	return 5
}

// guard makes an error of a panic of a dialect.
func (h *handler) guard(d *dialect.Dialect, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			h.defect(d, v)
			err = dialect.Refusal(http.StatusInternalServerError, "a defect of the server ended the search")
		}
	}()
	return f()
}

// answer has the dialect answer who may ask.
func (h *handler) answer(d *dialect.Dialect, x *dialect.Exchange, fault *dialect.Fault) error {
	if err := h.admit(d, x, fault); err != nil {
		return err
	}
	return d.Serve(x)
}

// defect tells of a panic, and not what was asked: no text but that of the runtime
// is told.
func (h *handler) defect(d *dialect.Dialect, v any) {
	what := fmt.Sprintf("%T", v)
	if err, ok := v.(runtime.Error); ok {
		what = err.Error()
	}
	h.config.tell(fmt.Sprintf("defect: dialect %s: panic: %s\n%s", d.Name, what, debug.Stack()))
}

// admit finds out who asks, and whether he may.
func (h *handler) admit(d *dialect.Dialect, x *dialect.Exchange, fault *dialect.Fault) error {
	if fault != nil {
		return fault
	}
	if r := x.Request; r.Method != http.MethodGet && r.Method != http.MethodHead {
		x.W.Header().Set("Allow", "GET, HEAD")
		return dialect.Refusal(http.StatusMethodNotAllowed, "method %s: want GET", dialect.Show(r.Method))
	}
	if d.Open != nil && d.Open(x) {
		return nil
	}
	if h.keys != nil {
		grant, err := h.keys.Check(x.Request.Context(), d.Secret(x.Request))
		if err != nil {
			return err
		}
		x.Grant = grant
	}
	if d.Free != nil && d.Free(x) {
		return x.Grant.Valid(x.Now)
	}
	return x.Grant.Spend(x.Now)
}
