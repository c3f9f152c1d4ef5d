package listen

import "time"

// Within is a configuration with other limits of time, for tests that wait for
// them.
func (c Config) Within(d time.Duration) Config {
	c.handshake, c.frame = d, d
	return c
}
