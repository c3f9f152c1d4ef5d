package dialect

// Base is where the client has found this server: scheme, host and port. Behind a
// proxy that speaks TLS the scheme is not the client's.
func (x *Exchange) Base() string {
	if x.Request.TLS != nil {
		return "https://" + x.Request.Host
	}
	return "http://" + x.Request.Host
}
