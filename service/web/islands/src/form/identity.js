/* Check digits of GB 11643 (citizens) and GB 32100 (organisations), the mobile number and the postcode. Pure. */
const CITIZEN_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CITIZEN_CHECKS = '10X98765432';
const PROVINCES = /^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9[1-8])/; // GB/T 2260; 8 and 9: residents from elsewhere
const CODE_LETTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY'; // without I, O, S, V, Z
const ORGAN_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];

function isRealDate(year, month, day) {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** `today`, ISO: nobody is born after it, and nobody who has such a number before 1900. */
export function isIdNumber(text, today) {
  if (!/^\d{17}[\dX]$/.test(text) || !PROVINCES.test(text)) return false;
  if (!isRealDate(Number(text.slice(6, 10)), Number(text.slice(10, 12)), Number(text.slice(12, 14)))) return false;
  const birthday = `${text.slice(6, 10)}-${text.slice(10, 12)}-${text.slice(12, 14)}`;
  if (birthday < '1900-01-01' || birthday > today) return false;
  const sum = CITIZEN_WEIGHTS.reduce((total, weight, at) => total + weight * Number(text[at]), 0);
  return CITIZEN_CHECKS[sum % 11] === text[17];
}

/** Characters 9 to 17 are the organisation's own code, with a check character of its own (GB 11714: A = 10). */
function isOrganisationCode(text) {
  const sum = ORGAN_WEIGHTS.reduce((total, weight, at) => total + weight * parseInt(text[at], 36), 0);
  const check = (11 - (sum % 11)) % 11;
  return text[8] === (check === 10 ? 'X' : String(check));
}

export function isCreditCode(text) {
  if (!/^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/.test(text) || !isOrganisationCode(text.slice(8, 17))) return false;
  let sum = 0;
  for (let at = 0, weight = 1; at < 17; at += 1, weight = (weight * 3) % 31)
    sum += CODE_LETTERS.indexOf(text[at]) * weight;
  return CODE_LETTERS[(31 - (sum % 31)) % 31] === text[17];
}

export const isMobile = text => /^1[3-9]\d{9}$/.test(text);

export const isPostcode = text => /^(0[1-7]|[1-7]\d|8[0-7])\d{4}$/.test(text);

/** How a value of a format is written: no blanks, capitals. */
export const tidy = text => text.normalize('NFKC').replace(/\s/g, '').toUpperCase();
