/* libqrencode as Debian's libqrencode-dev installs it. */
#include <qrencode.h>
