package scenario

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/cockroachdb/datadriven"
)

// http asks the server for PATH, with headers that are given as NAME=VALUE, and
// shows the status, where it is not 200, and the body.
func (s *scenario) http(d *datadriven.TestData) (string, error) {
	var out strings.Builder
	for _, line := range lines(d) {
		if err := s.get(&out, line[0], line[1:]); err != nil {
			return out.String(), err
		}
	}
	return out.String(), nil
}

func (s *scenario) get(out io.Writer, path string, headers []string) error {
	r, err := http.NewRequest(http.MethodGet, "http://"+s.web+path, nil)
	if err != nil {
		return err
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, "=")
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		fmt.Fprintln(out, answer.Status)
	}
	_, err = io.Copy(out, answer.Body)
	return err
}
