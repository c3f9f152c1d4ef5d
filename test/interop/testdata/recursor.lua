clearTA()
addTA("signed.alpha", "@DIGEST@")
dofile("@DIR@/dnstap.conf")
