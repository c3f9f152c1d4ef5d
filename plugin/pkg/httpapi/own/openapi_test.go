package own_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"

	"example.org/pdns/plugin/pkg/httpapi"
)

// load is the document that a server gives.
func load(t *testing.T, h http.Handler) *openapi3.T {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/openapi.json", nil))
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// described is h, with each answer, and each request that is answered, checked
// against the document.
func described(t *testing.T, h http.Handler) http.Handler {
	t.Helper()
	doc := load(t, h)
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.Code)
		w.Write(rec.Body.Bytes())
		item := doc.Paths.Find(strings.TrimSuffix(r.URL.Path, "/"))
		if rec.Code == 404 || r.Method != http.MethodGet {
			return
		}
		if item == nil {
			t.Errorf("%s: answered %d, not described", r.URL, rec.Code)
			return
		}
		checkAnswer(t, item.Get.Responses.Status(rec.Code), r, rec)
		r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
		route, params, err := router.FindRoute(r)
		if err != nil {
			t.Errorf("%s: %v", r.URL, err)
		} else if rec.Code == 200 {
			in := &openapi3filter.RequestValidationInput{Request: r, Route: route, PathParams: params,
				Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
			if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
				t.Errorf("%s: answered, but %v", r.URL, err)
			}
		}
	})
}

func checkAnswer(t *testing.T, want *openapi3.ResponseRef, r *http.Request, rec *httptest.ResponseRecorder) {
	t.Helper()
	if want == nil {
		t.Errorf("%s: status %d is not described", r.URL, rec.Code)
		return
	}
	media := want.Value.Content[rec.Header().Get("Content-Type")]
	if media == nil {
		t.Errorf("%s: %d: type %s is not described", r.URL, rec.Code, rec.Header().Get("Content-Type"))
		return
	}
	objects := []string{rec.Body.String()}
	if rec.Header().Get("Content-Type") == "application/x-ndjson" {
		objects = strings.Split(strings.TrimSuffix(rec.Body.String(), "\n"), "\n")
		if end := objects[len(objects)-1]; !strings.HasPrefix(end, `{"cond":"`) {
			t.Errorf("%s: ends with %s", r.URL, end)
		}
	}
	for _, o := range objects {
		var v any
		if err := json.Unmarshal([]byte(o), &v); err != nil {
			t.Errorf("%s: %s: %v", r.URL, o, err)
		} else if err := media.Schema.Value.VisitJSON(v, openapi3.EnableJSONSchema2020()); err != nil {
			t.Errorf("%s: %s: %v", r.URL, o, err)
		}
	}
}

// The document describes the paths and parameters that are taken, and no others.
func TestDocument(t *testing.T) {
	h := serve(t, filled(t), httpapi.Config{})
	doc := load(t, h)
	var paths []string
	for path := range doc.Paths.Map() {
		paths = append(paths, strings.TrimPrefix(path, "/api/v1/"))
	}
	slices.Sort(paths)
	// What is taken is told when something else is asked for.
	if got := told(t, get(h, "/api/v1/nothing"), "want ", " behind"); !slices.Equal(got, paths) {
		t.Errorf("taken are %s, described %s", got, paths)
	}
	for path, item := range doc.Paths.Map() {
		if path == "/api/v1/openapi.json" {
			continue
		}
		var names []string
		for _, p := range item.Get.Parameters {
			names = append(names, p.Value.Name)
		}
		w := get(h, path+"?nothing=1")
		if len(names) == 0 {
			if !strings.Contains(w.Body.String(), "want no parameters") {
				t.Errorf("%s takes parameters that are not described: %s", path, w.Body)
			}
			continue
		}
		got := told(t, w, "want one of ", `"}`)
		slices.Sort(got)
		slices.Sort(names)
		if !slices.Equal(got, names) {
			t.Errorf("%s takes %s, described are %s", path, got, names)
		}
	}
}

// told are the words that a problem lists between two texts.
func told(t *testing.T, w *httptest.ResponseRecorder, from, to string) []string {
	t.Helper()
	_, list, ok := strings.Cut(w.Body.String(), from)
	list, _, ok2 := strings.Cut(list, to)
	if !ok || !ok2 {
		t.Fatalf("%s: want a list from %q to %q", w.Body, from, to)
	}
	return strings.Split(strings.Replace(list, " or ", ", ", 1), ", ")
}

// The other dialects are listed, and each answers below its prefixes.
func TestOtherDialects(t *testing.T) {
	h := serve(t, filled(t), httpapi.Config{})
	var doc struct {
		Dialects []struct {
			Name     string
			Prefixes []string
		} `json:"x-dialects"`
	}
	if err := json.Unmarshal(get(h, "/api/v1/openapi.json").Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, d := range doc.Dialects {
		names[d.Name] = true
		for _, prefix := range d.Prefixes {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, prefix, nil)) // nobody takes it, all say so
			if w.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s: %s: %d", d.Name, prefix, w.Code)
			}
		}
	}
	if !names["dnsdb"] || !names["virustotal"] || names["own"] {
		t.Errorf("listed are %v", names)
	}
}
