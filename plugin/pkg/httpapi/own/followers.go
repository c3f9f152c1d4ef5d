package own

import (
	"net/http"
	"sync"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
)

// How many may follow at a time: all, and by one key. Who follows takes a connection
// and a look at the log each second; what else is asked does not wait for him.
const (
	mostFollowers = 64
	mostOfOne     = 16
)

// followers are those who follow what is newly observed.
type followers struct {
	mu  sync.Mutex
	all int
	of  map[string]int // by name of the key
}

func newFollowers() *followers { return &followers{of: map[string]int{}} }

// enter admits one more, who leaves in the end.
func (f *followers) enter(name string) (leave func(), fault *dialect.Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all >= mostFollowers || f.of[name] >= mostOfOne {
		return nil, dialect.Refusal(http.StatusServiceUnavailable, "as many follow as may, %d in all and %d by one key: ask without follow, or later",
			mostFollowers, mostOfOne)
	}
	f.all++
	f.of[name]++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.all--
		if f.of[name]--; f.of[name] == 0 {
			delete(f.of, name)
		}
	}, nil
}
