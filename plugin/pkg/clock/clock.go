// Package clock is the time of day that the collector, the store's windows and
// relative times in questions go by. It is time.Now, except where a scenario or
// a reproducible report sets it.
package clock

import (
	"sync/atomic"
	"time"
)

var source atomic.Pointer[func() time.Time]

// Now returns the time of day. It is safe for concurrent use.
func Now() time.Time {
	if f := source.Load(); f != nil {
		return (*f)()
	}
	return time.Now()
}

// Set makes Now return what f does; nil restores time.Now.
func Set(f func() time.Time) {
	if f == nil {
		source.Store(nil)
		return
	}
	source.Store(&f)
}
