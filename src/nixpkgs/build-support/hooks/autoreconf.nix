# autoreconfHook: makes ./configure anew before configurePhase.
{ makeSetupHook, autoconf, automake, libtool, gettext }:
makeSetupHook { name = "autoreconf-hook"; propagatedBuildInputs = [ autoconf automake libtool gettext ]; } ./autoreconf.sh
