package listen

import "time"

// Within is a configuration with other limits of time, for tests that wait for
// them.
func (c Config) Within(d time.Duration) Config {
	c.handshake, c.frame = d, d
	return c
}

// Patient is a configuration by which no pause ends draining, for senders that
// never pause but may have to wait for a processor.
func (c Config) Patient() Config {
	c.pause = drainTime
	return c
}
