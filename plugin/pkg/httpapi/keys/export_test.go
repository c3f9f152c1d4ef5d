package keys

import "time"

// OpenTicking is Open that looks at the file at each tick.
func OpenTicking(path string, terms Terms, complain func(error), tick <-chan time.Time) (*File, error) {
	return open(path, terms, complain, tick)
}
